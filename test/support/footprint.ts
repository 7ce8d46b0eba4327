/** What a process takes of the machine, as Linux tells it; nothing where there is no /proc. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Footprint {
  readonly rssMb: number;
  readonly sockets: number;
}

const PAGE = 4_096;

export async function footprint(pid: number): Promise<Footprint> {
  if (process.platform !== 'linux') return { rssMb: 0, sockets: 0 };
  const [statm, fds] = await Promise.all([readFile(`/proc/${pid}/statm`, 'utf8'), readdir(`/proc/${pid}/fd`)]);
  const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return {
    rssMb: Math.round((Number(statm.split(' ')[1]) * PAGE) / 1e6),
    sockets: links.filter((link) => link.startsWith('socket:')).length,
  };
}

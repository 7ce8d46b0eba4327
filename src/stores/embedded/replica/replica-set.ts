import { Binary, DateTime, type Encodable, int32, ObjectId, reply, Timestamp } from '../bson/values.ts';
import { ChangeLog, type ChangeLogLimits } from './change-log.ts';
import { Retries } from './retries.ts';

export interface ReplicaSetOptions {
  /** The set's name. */
  readonly name: string;
  readonly log?: Partial<ChangeLogLimits>;
}

type Fields = Readonly<Record<string, Encodable>>;

const ELECTION = new ObjectId('7fffffff0000000000000001');
const TERM = 1n;
/** Nobody signs cluster times where nobody has to log in. */
const SIGNATURE = reply({ hash: new Binary(0, Buffer.alloc(20)), keyId: 0n });

/** What makes the server the primary of a set that has no other members: its log, its clock, and what it says of itself. */
export class ReplicaSet {
  readonly log: ChangeLog;
  readonly retries = new Retries();
  readonly #name: string;
  #address = '';

  constructor({ name, log }: ReplicaSetOptions) {
    this.#name = name;
    this.log = new ChangeLog(log);
  }

  /** Where drivers find its only member: `host:port`. */
  listensAt(address: string): void {
    this.#address = address;
  }

  /** What `hello` has in addition. */
  hello(): Fields {
    const time = this.#time();
    const opTime = reply({ ts: time, t: TERM });
    const date = new DateTime(Number(time.value >> 32n) * 1000);
    return {
      hosts: [this.#address],
      setName: this.#name,
      setVersion: int32(1),
      secondary: false,
      primary: this.#address,
      me: this.#address,
      electionId: ELECTION,
      lastWrite: reply({ opTime, lastWriteDate: date, majorityOpTime: opTime, majorityWriteDate: date }),
    };
  }

  /** What every answer has in addition. */
  times(): Fields {
    const time = this.#time();
    return { $clusterTime: reply({ clusterTime: time, signature: SIGNATURE }), operationTime: time };
  }

  #time(): Timestamp {
    return new Timestamp(this.log.last);
  }
}

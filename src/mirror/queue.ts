/** Where reads wait for a worker; a worker keeps those that it was handed ahead of need in the same order. */
export { levelOf, PriorityQueue } from '../base/priority-queue.ts';

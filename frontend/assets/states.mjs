// What the state of a run or a job means for what a page does. Pure.

const OVER = new Set(["done", "stopped", "failed"]);

/** Whether nobody computes it any more, nor will. */
export const isOver = (job) => OVER.has(job?.state);

/** Where in the archive checkpoints of the log are; all else is under the name of its table. */
export const CHECKPOINTS_PREFIX = 'checkpoints/';

/** A file is not shown; the message says why, to a person, on the card that stands for it. */
export class Unshown extends Error {}

/** Texts by their digest: what evidence names and does not hold itself, such as policy sets. */
export interface Contents {
  /**
   * Keeps a text under the SHA-256 of its UTF-8 bytes, durable like the write of a store that
   * follows it. Safe to repeat; what is kept is never changed.
   */
  keep(text: string): Promise<void>;
  /** The text of a digest, lower-case hex; undefined for one that was never kept. */
  find(digest: string): Promise<string | undefined>;
}

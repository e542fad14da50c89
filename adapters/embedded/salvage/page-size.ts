/** Bytes of a page: SQLite's default, and nobody asks for another. */
export const PAGE_BYTES = 4096;

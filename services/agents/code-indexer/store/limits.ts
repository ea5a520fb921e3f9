/**
 * Characters of a chunk whose words are searched. PostgreSQL refuses a search vector beyond 1 MiB, and counts
 * positions no further than 16,383; a chunk of ordinary code has 3,000 characters.
 */
export const CHUNK_WORDS_LIMIT = 65_536;

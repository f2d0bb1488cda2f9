/** Something that tests use and a machine may lack. */
export type Prerequisite = { available: true; path: string } | { available: false; reason: string };

/** Begins a source that holds the content itself, compressed. */
export const CONTENT_SCHEME = "data:application/gzip;base64,";

/** A line above what comes next, in bold. */
export const heading = (text: string): void => console.log(`\n\u001b[1m── ${text}\u001b[0m`);

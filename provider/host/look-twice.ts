/**
 * What a look finds; looks once more if it finds nothing. To forget something that is there is dear, and what one answer
 * of a host leaves out the next one may have.
 *
 * @param afresh The second look, where the first may be shared with others.
 */
export async function lookTwice<T>(
  look: () => Promise<T | undefined>,
  afresh: () => Promise<T | undefined> = look,
): Promise<T | undefined> {
  return (await look()) ?? (await afresh());
}

/**
 * What stands in the way of a removal that the host would carry out all the same. Looks once more if nothing does: what one
 * answer of a host leaves out, or what somebody has just put there, the next one has.
 */
export async function inTheWay(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const found = await look();
  return found.length > 0 ? found : look();
}

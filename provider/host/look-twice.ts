/**
 * What a look finds. If it finds nothing, it looks once more. To forget something that is there costs much, and a
 * host may leave something out of one answer and have it in the next.
 * @param afresh The second look, where the first may be shared with others.
 */
export async function lookTwice<T>(
  look: () => Promise<T | undefined>,
  afresh: () => Promise<T | undefined> = look,
): Promise<T | undefined> {
  return (await look()) ?? (await afresh());
}

/**
 * What keeps us from a removal that the host itself would carry out. If nothing is found, this looks once more: one
 * answer may leave something out, or somebody may just have put something there.
 */
export async function inTheWay(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const found = await look();
  return found.length > 0 ? found : look();
}

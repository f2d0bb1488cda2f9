import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { root } from "../setup/cache.mjs";

/** Files that take a minute and more where there are two cores: begun last, one of them would run alone at the end. */
const LONGEST = /^test\/(docs\/(examples|guides\.)|package\/|cli\/|provider\/resources\/(random|any-fault))/;

/** Runs the longest files first, the others as vitest would. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.test(relative(root, moduleId));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

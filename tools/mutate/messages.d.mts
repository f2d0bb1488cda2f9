export const strykerPlugins: readonly {
  readonly kind: "Ignore";
  readonly name: string;
  readonly injectableClass: new () => { shouldIgnore(path: object): string | undefined };
}[];

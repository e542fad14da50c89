/** The part of `asl-validator` (which ships no types) that the tests use. */
declare module 'asl-validator' {
  const validate: (definition: unknown) => {
    readonly isValid: boolean;
    readonly errors: readonly unknown[];
  };
  // biome-ignore lint/style/noDefaultExport: it is how the package exports it
  export default validate;
}

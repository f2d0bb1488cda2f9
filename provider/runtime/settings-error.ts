/** Thrown when the stack's configuration or the environment cannot be used; says which key and what to set. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

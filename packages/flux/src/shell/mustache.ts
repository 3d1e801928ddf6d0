/**
 * Templates in commands, variables and paths: `{{id}}`, `{{taskid}}`. A tag that nobody knows stays
 * as it is. `lookup` returns undefined for those.
 */
export function renderMustache(
  template: string,
  lookup: (tag: string) => string | undefined,
): string {
  if (!template.includes("{{")) return template;
  return template.replace(/\{\{(.*?)\}\}/gs, (text, tag: string) => lookup(tag) ?? text);
}

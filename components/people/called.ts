// What a person is called in a greeting. Pure.

/** "Ann Lee" is greeted as Ann. Where the first word may be a family name or a title, and in other scripts, the whole name is used. */
export function calledBy(name: string): string {
  const whole = name.trim();
  const first = whole.split(/\s+/)[0] ?? "";
  const familyFirst = whole.includes(",") || first.endsWith(".") || !/^[\p{Script=Latin}\p{M}'’-]+$/u.test(first);
  return familyFirst ? whole : first;
}

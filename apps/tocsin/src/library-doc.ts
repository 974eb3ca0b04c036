import { libraryDocs, librarySignatures } from "@tocsin/library/stdlib";
import { nearest } from "./command.ts";

/** The documentation of a member of the library. */
export interface MemberDoc {
  /** As scripts write it: `filter`, `victorops.endpoint`. */
  readonly name: string;
  /** The import path; undefined for what scripts see without an import. */
  readonly import?: string;
  readonly type: string;
  readonly option: boolean;
  readonly docs: string;
  /** A script that runs. */
  readonly example?: string;
  /** Its page in upstream's reference. */
  readonly link?: string;
}

/** The documentation of a package and its members. */
export interface PackageDoc {
  readonly name: string;
  readonly import: string;
  readonly docs: string;
  readonly members: readonly MemberDoc[];
}

/** What a name means: members (those that need no import first), packages, or else a similar name. */
interface Found {
  readonly members: readonly MemberDoc[];
  readonly packages: readonly PackageDoc[];
  readonly near: string | undefined;
}

/** Looks up a name: `filter`, `monitor.deadman`, `contrib/bonitoo-io/victorops`, `victorops`. */
export async function findDoc(asked: string): Promise<Found> {
  const packages = await packagesOf();
  const all = packages.flatMap(({ members }) => members);
  const [, path, member] = /^(.*\/[^./]+)\.(\w+)$/u.exec(asked) ?? [];
  const members = all
    .filter((one) =>
      path === undefined
        ? one.name === asked || one.name.slice(one.name.lastIndexOf(".") + 1) === asked
        : one.import === path && one.name.endsWith(`.${member}`),
    )
    .sort((a, b) => Number(a.name !== asked) - Number(b.name !== asked));
  const named = packages.filter((one) => one.import === asked || one.name === asked);
  if (members.length + named.length > 0) return { members, packages: named, near: undefined };
  const known = [
    ...all.map(({ name }) => name),
    ...packages.flatMap((one) => [one.name, one.import]),
  ];
  const short = asked.slice(asked.lastIndexOf(".") + 1);
  const near = nearest(asked, known) ?? known.find((one) => one.endsWith(`.${short}`));
  return { members: [], packages: [], near };
}

/** Every package that scripts may import, with its documentation. */
async function packagesOf(): Promise<PackageDoc[]> {
  const [signatures, docs] = await Promise.all([librarySignatures(), libraryDocs()]);
  return [...signatures.paths()].flatMap((path) => {
    const types = signatures.package(path);
    if (types === undefined || path.startsWith("internal/")) return [];
    const open = signatures.prelude.includes(path);
    const members = Object.entries(types.values)
      .filter(([name]) => !name.startsWith("_"))
      .map(([name, { type, option }]): MemberDoc => {
        const said = docs[path]?.values[name];
        const link = linkOf(path, name);
        return {
          name: open ? name : `${types.name}.${name}`,
          ...(open ? {} : { import: path }),
          type,
          option: option === true,
          docs: said?.docs ?? "",
          ...(said?.example === undefined ? {} : { example: said.example }),
          ...(link === undefined ? {} : { link }),
        };
      });
    return [{ name: types.name, import: path, docs: docs[path]?.docs ?? "", members }];
  });
}

/** Upstream's reference has a page for each function, named in lower case. */
function linkOf(path: string, name: string): string | undefined {
  if (path.startsWith("tocsin/")) return undefined;
  return `https://docs.influxdata.com/flux/v0/stdlib/${path}/${name.toLowerCase()}/`;
}

import { seeded } from "@tocsin/platform/host";

/** When the points begin: a Monday, so that they lie in one week and one shard. */
const beginning = Date.UTC(2026, 0, 5) * 1e6;

const hosts = ["web-1", "web-2", "db, main", "üñî=1", "Z", "a b"];
const states = ["ok", "warn", "crit", "", 'q"uo,ted', "two\nlines"];
const second = 1_000_000_000n;

/** Ten thousand points as line protocol: every type, tags that some series lack, odd names. */
export function tenThousandPoints(): string {
  const random = seeded(20_260_105);
  const lines: string[] = [];
  const start = BigInt(beginning);
  const escaped = (text: string): string => text.replace(/[, =]/g, "\\$&");
  for (let i = 0; i < 5000; i++) {
    const host = hosts[i % hosts.length];
    const region = ["eu", "us", undefined][i % 3];
    const tags = `,host=${escaped(host)}${region === undefined ? "" : `,region=${region}`}`;
    const time = start + BigInt(i) * 7n * second + BigInt(Math.floor(random.next() * 1e9));
    const usage = (random.next() * 100).toFixed(i % 5 === 0 ? 0 : 6);
    lines.push(`cpu${tags} usage=${usage},cores=${1 + (i % 32)}i ${time}`);
  }
  for (let i = 0; i < 3000; i++) {
    const time = start + BigInt(i) * 11n * second;
    const text = states[Math.floor(random.next() * states.length)].replace(/["\\]/g, "\\$&");
    const up = random.next() < 0.9;
    lines.push(`check,service=s${i % 7} state="${text}",up=${up},code=${i % 600}i ${time}`);
  }
  for (let i = 0; i < 1000; i++) {
    const time = start - BigInt(i) * 13n * second + 500_000_000_000_000n;
    const path = ["/var", "/home", "/root"][i % 3];
    lines.push(`disk,path=${path},host=web-1 used=${i * 1_000_003}u ${time}`);
  }
  for (let i = 0; i < 1000; i++) {
    const time = start + BigInt(i) * 60n * second;
    const value = i % 2 === 0 ? `${i}.5` : `-${i}.25`;
    lines.push(`mixed,kind=${["a", "b"][i % 2]} value=${value},n=-${i}i ${time}`);
  }
  return lines.join("\n");
}

import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { CsvDecoder } from "@tocsin/data/codec";
import { seeded, utf8 } from "@tocsin/platform/host";

/** What a decoder made of bytes, and how long it took compared with the reference. */
interface Measured {
  readonly name: string;
  readonly bytes: number;
  readonly rows: number;
  /** Milliseconds, the best of several runs. */
  readonly decoding: number;
  /** Milliseconds for counting the commas in the same bytes, the best of as many runs. */
  readonly counting: number;
}

const head = [
  "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string",
  "#group,false,false,true,true,false,false,true,true,true",
  "#default,_result,,,,,,,,",
  ",result,table,_start,_stop,_time,_value,_field,_measurement,host",
];
const range = "2026-01-01T00:00:00Z,2026-01-31T00:00:00Z";

/** Series of floats as influxd sends them, with a thousand rows per table. `digits`: those of each value. */
export function seriesCsv(rows: number, digits: number): Uint8Array {
  const random = seeded(1);
  const lines = [...head];
  for (let row = 0; row < rows; row++) {
    const table = Math.floor(row / 1000);
    const seconds = (row % 1000) * 10;
    const [hour, minute, second] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) =>
      String(Math.floor(part)).padStart(2, "0"),
    );
    const value = (random.next() * 100).toPrecision(digits);
    const time = `2026-01-0${1 + (table % 9)}T${hour}:${minute}:${second}Z`;
    lines.push(`,,${table},${range},${time},${value},usage_user,cpu,host-${table % 500}`);
  }
  return utf8.encode(`${lines.join("\r\n")}\r\n\r\n`);
}

/** One table with one column of text, of which `distinct` are different. */
export function textCsv(rows: number, distinct: number): Uint8Array {
  const lines = [
    "#datatype,string,long,string",
    "#group,false,false,false",
    "#default,r,,",
    ",result,table,text",
  ];
  for (let row = 0; row < rows; row++) lines.push(`,,0,request-${1_000_000 + (row % distinct)}`);
  return utf8.encode(`${lines.join("\r\n")}\r\n\r\n`);
}

/** The reference: the simplest thing that can be done with the bytes. */
function countCommas(bytes: Uint8Array): number {
  let commas = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0x2c) commas++;
  return commas;
}

/** Decodes in pieces of 64 KiB, as a stream comes; returns the number of rows. */
function decode(bytes: Uint8Array): number {
  const decoder = new CsvDecoder();
  let rows = 0;
  for (let at = 0; at < bytes.length; at += 65_536) {
    for (const { batch } of decoder.push(bytes.subarray(at, at + 65_536))) rows += batch.rows;
  }
  for (const { batch } of decoder.finish()) rows += batch.rows;
  return rows;
}

/** Measures the decoder and the reference alternately, so that both see the same machine. */
export function measure(name: string, bytes: Uint8Array, runs: number): Measured {
  let [decoding, counting, rows, commas] = [Infinity, Infinity, 0, -1];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    rows = decode(bytes);
    const middle = performance.now();
    const counted = countCommas(bytes);
    counting = Math.min(counting, performance.now() - middle);
    decoding = Math.min(decoding, middle - start);
    // The result is used, so that no compiler can remove the loop.
    if (commas >= 0 && counted !== commas) throw new Error("the same bytes have the same commas");
    commas = counted;
  }
  return { name, bytes: bytes.length, rows, decoding, counting };
}

function print({ name, bytes, rows, decoding, counting }: Measured): void {
  const speed = (bytes / 1e6 / (decoding / 1000)).toFixed(0);
  const ratio = (decoding / counting).toFixed(1);
  console.log(
    `${name}: ${rows} rows, ${speed} MB/s, ${ratio} times as long as counting the commas`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const runs = 7;
  print(measure("floats of 6 digits", seriesCsv(500_000, 6), runs));
  print(measure("floats of 17 digits", seriesCsv(500_000, 17), runs));
  const few = measure("text, 100 distinct", textCsv(1_000_000, 100), runs);
  const many = measure("text, all distinct", textCsv(1_000_000, 1_000_000), runs);
  print(few);
  print(many);
  console.log(
    `all distinct: ${(many.decoding / few.decoding).toFixed(1)} times as long as 100 distinct`,
  );
}

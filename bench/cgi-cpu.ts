import { readFile, writeFile } from 'node:fs/promises';
import { arch } from 'node:process';

/** getrusage, which the perl that git depends on can call by its number. */
const numbers: Partial<Record<NodeJS.Architecture, number>> = { x64: 98, arm64: 165 };

/**
 * Processor time of git http-backend and all its children. fcgiwrap does not wait for what it starts, so the kernel adds their time to nobody; this
 * wrapper waits and writes the time down, in microseconds. It stands between the two only while processor time is counted, never while time is taken,
 * and its own time is not in the sum.
 */
export class CgiCpu {
  readonly script: string;
  readonly #log: string;

  private constructor(script: string, log: string) {
    this.script = script;
    this.#log = log;
  }

  static async create(folder: string, backend: string): Promise<CgiCpu> {
    const number = numbers[arch];
    if (number === undefined) throw new Error(`processor time of the floor cannot be counted on ${arch}`);
    const [script, log] = [`${folder}/cgi-cpu`, `${folder}/cgi-cpu.log`];
    await writeFile(log, '');
    await writeFile(script, perl(backend, log, number), { mode: 0o755 });
    return new CgiCpu(script, log);
  }

  async seconds(): Promise<number> {
    const lines = (await readFile(this.#log, 'latin1')).split('\n').filter((line) => line !== '');
    return lines.reduce((sum, line) => sum + Number(line), 0) / 1e6;
  }
}

function perl(backend: string, log: string, getrusage: number): string {
  return `#!/usr/bin/perl
$SIG{CHLD} = 'DEFAULT';
my $child = fork;
if ($child == 0) { exec { '${backend}' } '${backend}' or exit 127; }
waitpid $child, 0;
my $code = $? >> 8;
my $usage = "\\0" x 256;
syscall ${getrusage}, -1, $usage;
my ($user, $userMicro, $system, $systemMicro) = unpack 'q4', $usage;
open my $out, '>>', '${log}';
syswrite $out, (($user + $system) * 1000000 + $userMicro + $systemMicro) . "\\n";
exit $code;
`;
}

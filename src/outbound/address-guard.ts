import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where nobody on the internet is: this machine, networks around it, what routers, clouds and standards keep for themselves (RFC 6890). */
const closed: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // A cloud's metadata at an address that looks public.
  '168.63.129.16/32',
  // Within what is global: tunnels that lead to an IPv4 address of the sender's choice, and addresses for documents.
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
];

/** Only here are IPv6 addresses public; loopback, link-local, unique local, multicast and translated ones lie outside. */
const globalIpv6 = listOf(['2000::/3']);
const closedList = listOf(closed);

/** An address was refused; the message names no address: what a name stands for inside is nobody's business outside. */
export class AddressRefused extends Error {
  constructor() {
    super('the address is not a public one');
    this.name = 'AddressRefused';
  }
}

/**
 * Decides which addresses the server connects to on somebody else's word. It is asked about the very address of the connection: a name that
 * resolves to something else the second time (DNS rebinding) gains nothing, because there is no second time.
 */
export class AddressGuard {
  readonly #allowed: BlockList;

  /** `allow`: networks that the operator opens, in CIDR notation. */
  constructor(allow: readonly string[]) {
    this.#allowed = listOf(allow);
  }

  permits(text: string): boolean {
    const address = plain(text);
    const family = isIP(address);
    if (family === 0) return false;
    const kind = family === 4 ? 'ipv4' : 'ipv6';
    if (this.#allowed.check(address, kind)) return true;
    return !closedList.check(address, kind) && (family === 4 || globalIpv6.check(address, kind));
  }

  /** For a URL whose host is an address: no name is looked up then. */
  refuseLiteral(hostname: string): void {
    const address = hostname.replace(/^\[|\]$/g, '');
    if (isIP(address) !== 0 && !this.permits(address)) throw new AddressRefused();
  }

  /** Resolves a name to those of its addresses that are permitted; for `lookup` of a request. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const permitted = addresses.filter(({ address }) => this.permits(address));
      const [first] = permitted;
      if (first === undefined) return callback(new AddressRefused(), '', 0);
      if (options.all === true) return callback(null, permitted);
      callback(null, first.address, first.family);
    });
  };
}

/** An IPv4 address in the clothes of an IPv6 one (`::ffff:127.0.0.1`) is what it is; a zone says nothing about where it leads. */
function plain(text: string): string {
  const address = text.replace(/%.*$/, '');
  if (isIP(address) !== 6) return address;
  const normal = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(normal);
  if (mapped === null) return normal;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

// Loaded before a program that must reach nobody: any socket ends it.
import { createSocket, Socket as DatagramSocket } from 'node:dgram';
import dns from 'node:dns';
import { Socket } from 'node:net';

const refuse = (): never => {
  process.stderr.write('a socket was opened\n');
  process.exit(99);
};
Socket.prototype.connect = refuse;
DatagramSocket.prototype.send = refuse;
DatagramSocket.prototype.bind = refuse;
dns.lookup = refuse as unknown as typeof dns.lookup;
createSocket('udp4').close();

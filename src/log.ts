import winston from 'winston';
import type { Logger } from './logger.ts';

/** What every line says beside its message; asked anew for each line. */
type LineFields = () => Readonly<Record<string, unknown>>;

/** One JSON object a line on the given stream. Never pass customer attributes, bound values or secrets. */
export function createLogger(stream: NodeJS.WritableStream, fields: LineFields = () => ({})): Logger {
  const withFields = winston.format((line) => Object.assign({ ...fields() }, line));
  return winston.createLogger({
    level: 'info',
    format: winston.format.combine(withFields(), winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream })],
  });
}

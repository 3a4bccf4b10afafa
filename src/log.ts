import winston from 'winston';

export type Logger = winston.Logger;

/** One JSON object a line on the given stream. Never pass customer attributes, bound values or secrets. */
export function createLogger(stream: NodeJS.WritableStream, level: 'info' | 'silent' = 'info'): Logger {
  return winston.createLogger({
    level: 'info',
    silent: level === 'silent',
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream })],
  });
}

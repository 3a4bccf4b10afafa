import { testEngines } from './engines.ts';
import { describeReader } from './reader-contract.ts';

for (const engine of testEngines) describeReader(engine);

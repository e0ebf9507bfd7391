/** What every step of a remediation is told. */
import * as z from 'zod';
import { instant, serviceName } from './contract.ts';

export const slotId = z.string().min(1).max(60);
export const faultId = z.string().min(1).max(80);
export const remediationStep = z.strictObject({ service: serviceName, slot: slotId, faultId, at: instant });

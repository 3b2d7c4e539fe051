import { isDeployment } from './nodeUnderTest';

/** A test of what only a model has: its price, its fields, that a running request cannot be cancelled. */
export const itOfModels = isDeployment ? it.skip : it;

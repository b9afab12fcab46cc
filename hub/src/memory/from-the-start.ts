import { heldSmall } from './young-generation.ts'

/** Acts when it is imported, and first of all: what the program's own text takes would already have let it grow. */
export const youngGeneration = heldSmall()

import { defineBoard } from '../board.ts'

export const genericArm64 = defineBoard({
  id: 'generic-arm64',
  architecture: 'arm64',
  models: [{ label: 'generic-arm64', name: 'ARM64 machine', compatible: [], types: [] }],
  isFallback: true,
  reservedMemoryMi: 256,
  hasRtc: false,
  notes: [],
})

import { defineBoard } from '../board.ts'

export const rpiZero2W = defineBoard({
  id: 'rpi-zero-2-w',
  architecture: 'arm64',
  soc: 'bcm2837',
  models: [{ label: 'rpi-zero-2-w', name: 'Raspberry Pi Zero 2 W', compatible: ['raspberrypi,model-zero-2-w'], types: ['Zero 2 W'] }],
  // Of 512 MiB; the agent and containerd alone are about 130.
  reservedMemoryMi: 176,
  hasRtc: false,
  isWifiOnly: true,
  notes: ['Give the GPU little: gpu_mem=16 in config.txt.'],
})

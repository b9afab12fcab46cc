import { defineBoard } from '../board.ts'

export const rpi4 = defineBoard({
  id: 'rpi-4',
  architecture: 'arm64',
  soc: 'bcm2711',
  models: [
    { label: 'rpi-4b', name: 'Raspberry Pi 4 Model B', compatible: ['raspberrypi,4-model-b'], types: ['4B'] },
    { label: 'rpi-400', name: 'Raspberry Pi 400', compatible: ['raspberrypi,400'], types: ['400'] },
  ],
  reservedMemoryMi: 256,
  hasRtc: false,
  notes: ['Serial console: ttyS0 on GPIO 14/15 with enable_uart=1.', 'Boots from USB and the network by its EEPROM.'],
})

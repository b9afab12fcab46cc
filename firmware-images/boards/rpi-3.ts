import { defineBoard } from '../board.ts'

export const rpi3 = defineBoard({
  id: 'rpi-3',
  architecture: 'arm64',
  soc: 'bcm2837',
  models: [
    { label: 'rpi-3b-plus', name: 'Raspberry Pi 3 Model B+', compatible: ['raspberrypi,3-model-b-plus'], types: ['3B+'] },
    { label: 'rpi-3b', name: 'Raspberry Pi 3 Model B', compatible: ['raspberrypi,3-model-b'], types: ['3B'] },
    { label: 'rpi-3a-plus', name: 'Raspberry Pi 3 Model A+', compatible: ['raspberrypi,3-model-a-plus'], types: ['3A+'] },
    { label: 'rpi-cm3', name: 'Raspberry Pi Compute Module 3', compatible: ['raspberrypi,3-compute-module'], types: ['CM3', 'CM3+'] },
  ],
  reservedMemoryMi: 192,
  hasRtc: false,
  notes: [
    'Serial console: the mini UART (ttyS0) unless Bluetooth is off; enable_uart=1 in config.txt.',
    'Throttles at 80 °C; the 3B+ lowers its clock from 60 °C on.',
  ],
})

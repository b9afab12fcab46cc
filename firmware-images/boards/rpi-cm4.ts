import { defineBoard } from '../board.ts'

export const rpiCm4 = defineBoard({
  id: 'rpi-cm4',
  architecture: 'arm64',
  soc: 'bcm2711',
  models: [
    { label: 'rpi-cm4', name: 'Raspberry Pi Compute Module 4', compatible: ['raspberrypi,4-compute-module'], types: ['CM4'] },
    { label: 'rpi-cm4s', name: 'Raspberry Pi Compute Module 4S', compatible: ['raspberrypi,4-compute-module-s'], types: ['CM4S'] },
  ],
  reservedMemoryMi: 256,
  // A carrier board may add one; the node's own fact says whether it is there.
  hasRtc: false,
  notes: [
    'With eMMC the SD slot of the carrier is dead: storage is told from the card itself.',
    'USB is off unless dtoverlay=dwc2 or otg_mode=1.',
  ],
})

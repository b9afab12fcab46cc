import { defineBoard } from '../board.ts'

export const rpi5 = defineBoard({
  id: 'rpi-5',
  architecture: 'arm64',
  soc: 'bcm2712',
  models: [
    { label: 'rpi-5', name: 'Raspberry Pi 5', compatible: ['raspberrypi,5-model-b'], types: ['5'] },
    { label: 'rpi-500', name: 'Raspberry Pi 500', compatible: ['raspberrypi,500'], types: ['500'] },
    { label: 'rpi-cm5', name: 'Raspberry Pi Compute Module 5', compatible: ['raspberrypi,5-compute-module'], types: ['CM5', 'CM5 Lite'] },
  ],
  reservedMemoryMi: 256,
  hasRtc: true,
  notes: [
    'Raspberry Pi OS runs a kernel with 16 KiB pages here, on which images with an older jemalloc do not start: see the label bramble.io/page-size.',
    'The clock keeps time only with a battery on J5, which is not charged unless dtparam=rtc_bbat_vchg is set.',
    'Serial console: the three-pin debug port (ttyAMA10).',
  ],
})

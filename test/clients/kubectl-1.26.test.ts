import { kubectlJourney } from './kubectl/journey.ts'

kubectlJourney('1.26')

import { cacheConformance } from './cache-conformance.ts'
import { createMemoryCache } from './memory-cache.ts'

cacheConformance('memory cache', createMemoryCache)

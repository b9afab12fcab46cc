/** What part of the object a change may touch. `free` is the hub's own change, such as a binding, which no user could make. */
export type Scope = 'main' | 'status' | 'free'

export const findCondition = <C extends { type: string }>(conditions: readonly C[] | undefined, type: string): C | undefined =>
  conditions?.find((condition) => condition.type === type)

export const isConditionTrue = (conditions: readonly { type: string; status: string }[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === 'True'

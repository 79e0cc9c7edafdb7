/**
 * Sees that garbage was collected: an object that nobody holds is gone then.
 *
 * JavaScriptCore collects young objects every time, and tells programs of no collection; its log of them
 * (BUN_JSC_logGC=1) goes to the standard error output, without times.
 */

/** @returns a function that says whether garbage was collected since it was last called */
export function createCollectionProbe(): () => boolean {
  let canary: WeakRef<object> | undefined;
  return () => {
    const hasCollected = canary !== undefined && canary.deref() === undefined;
    // What is asked for is kept until the turn ends, and would be old if one collection missed it.
    canary = new WeakRef({});
    return hasCollected;
  };
}

/**
 * Intersection, union and difference of sets, as lists of members that stay where they are.
 *
 * Cost: intersect asks the other sets about each member of the smallest one; unite hashes every
 * member once; subtract takes the cheaper of two ways, as Redis src/t_set.c does.
 */
import type { Keyspace, RecordRef } from "./keyspace.ts";
import type { MemberList } from "./member_list.ts";
import { forEachMember, type Member } from "./set_members.ts";
import type { SetShape } from "./set_shape.ts";
import { isMember, setLength } from "./sets.ts";

/**
 * Visits the members that are in all sets, none of which may be absent.
 * @param visit returns whether to go on
 */
export function forEachCommonMember(
  ks: Keyspace,
  sets: readonly RecordRef[],
  visit: (member: Member) => boolean,
): void {
  const [smallest, ...others] = [...new Set(sets)].sort((a, b) => {
    return setLength(ks, a) - setLength(ks, b);
  });
  forEachMember(ks, smallest, (member) => {
    for (let i = 0; i < others.length; i++) {
      if (!isMember(ks, others[i], member.region, member.offset, member.length)) return true;
    }
    return visit(member);
  });
}

/** Lists what is in any of the sets, each member once. @param sets 0 = absent */
export function unite(ks: Keyspace, sets: readonly RecordRef[], list: MemberList): void {
  const present = [...new Set(sets)].filter((ref) => ref !== 0);
  if (present.length === 1) return addAll(ks, present[0], list);
  for (const ref of present) {
    forEachMember(ks, ref, (member) => {
      const { region, offset, length, isLasting } = member;
      list.addDistinct(region, offset, length, isLasting, ks.hash(region.view, offset, length));
      return true;
    });
  }
}

/**
 * Lists what is in the first set and in no other.
 * @param sets 0 = absent
 * @param shape is told what a set would be told that is made on the way: the members of the result,
 * or all of the first set
 */
export function subtract(
  ks: Keyspace,
  sets: readonly RecordRef[],
  list: MemberList,
  shape?: SetShape,
): void {
  const [first, ...rest] = sets;
  if (first === 0 || rest.includes(first)) return;
  const others = rest.filter((ref) => ref !== 0);
  let work = setLength(ks, first);
  for (const ref of others) work += setLength(ks, ref);
  if (Math.floor(setLength(ks, first) * (others.length + 1) / 2) <= work) {
    others.sort((a, b) => setLength(ks, b) - setLength(ks, a));
    addThoseOnlyIn(ks, first, others, list);
    shape?.addList(list);
  } else {
    addAndDrop(ks, first, others, list, shape);
  }
}

/** Asks the other sets about each member of the first. */
function addThoseOnlyIn(
  ks: Keyspace,
  first: RecordRef,
  others: readonly RecordRef[],
  list: MemberList,
): void {
  forEachMember(ks, first, (member) => {
    const { region, offset, length, isLasting } = member;
    for (let i = 0; i < others.length; i++) {
      if (isMember(ks, others[i], region, offset, length)) return true;
    }
    list.add(region, offset, length, isLasting);
    return true;
  });
}

/** Lists all of the first set, then drops what the others have. */
function addAndDrop(
  ks: Keyspace,
  first: RecordRef,
  others: readonly RecordRef[],
  list: MemberList,
  shape?: SetShape,
): void {
  forEachMember(ks, first, (member) => {
    const { region, offset, length, isLasting } = member;
    list.addDistinct(region, offset, length, isLasting, ks.hash(region.view, offset, length));
    return true;
  });
  shape?.addList(list);
  for (const ref of others) {
    forEachMember(ks, ref, ({ region, offset, length }) => {
      list.drop(region, offset, length, ks.hash(region.view, offset, length));
      return list.count > 0;
    });
    if (list.count === 0) return;
  }
}

/** Lists all members of a set. */
export function addAll(ks: Keyspace, ref: RecordRef, list: MemberList): void {
  forEachMember(ks, ref, ({ region, offset, length, isLasting }) => {
    list.add(region, offset, length, isLasting);
    return true;
  });
}

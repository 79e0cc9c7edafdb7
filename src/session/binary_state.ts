/** What a session that speaks the binary batch protocol has beyond others: the reply that is still to come. */
export class BinaryState {
  /** Of the frame whose command waits. */
  id = 0;
  /** KIND_REPLIES or KIND_WELCOME. */
  kind = 0;
  /** Whether commands of that frame follow the one that waits. */
  hasMore = false;
}

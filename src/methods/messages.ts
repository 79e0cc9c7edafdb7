/** What receives the messages of channels. */

/** Called with each message, and the channel that it was published to. */
export type MessageListener<Text = string> = (message: Text, channel: Text) => void;

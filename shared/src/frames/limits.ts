/** What a frame carries of a body at most: on a slow link everything else waits behind one frame. A header comes on top. */
export const partBytes = 16 * 1024
/** And on a link that has proved to be fast (`pace.ts`): each frame costs the same at both ends, whatever it carries. Receivers of all ages take it. */
export const largePartBytes = 64 * 1024
/** What is taken: agents and hubs of before had larger parts, and a body of too many parts still has. */
export const maxFrameBytes = 128 * 1024
export const maxHeaderBytes = 8 * 1024
/** Parts of one message: those without the feature `parts` take fewer, and get larger ones. */
export const maxParts = { before: 128, now: 512 } as const
/** The largest message of each direction, and all that is under way in parts together. Down: the largest object (`object-size.ts`) twice. */
export const maxMessageBytes = { up: 4 * 1024 * 1024, down: 8 * 1024 * 1024 } as const
/** Bytes of watch events that may be on their way to a node; answers and streams may use as much again, so that events never shut them out. */
export const defaultWindowBytes = 256 * 1024
/** And what a node may have on its way to the hub, with the feature `windows`: so much goes in the ten milliseconds that an acknowledgement takes at 100 MB/s. */
export const wideWindowBytes = 1024 * 1024
/** Bytes of one channel of a stream, in one direction, that may be on their way to whoever reads it. */
export const channelWindowBytes = 256 * 1024
/** With the feature `windows` its reader may widen it to so many. */
export const maxChannelWindowBytes = 1024 * 1024
/** What windows may be wider in all than they begin: those of one session, and of all nodes of a hub. */
export const windowRoomBytes = { ofSession: 4 * 1024 * 1024, ofHub: 32 * 1024 * 1024 } as const
/** The reader of a channel gives credit for what it has read in lumps of such a part of its window; of the narrowest that is so many bytes. */
export const creditShare = 4
export const creditBytes = channelWindowBytes / creditShare
/** Channels of one stream, numbered from 0. With their windows they bound what a stream may hold. */
export const maxChannels = 8
/** Streams that one node serves at once. */
export const maxStreams = 64
/** What was received is acknowledged in lumps: an acknowledgement for each small frame would double the messages. */
export const ackBytes = 32 * 1024

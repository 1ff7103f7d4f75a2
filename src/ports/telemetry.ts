/**
 * What a running part tells its operators: events with stable names and flat facts. A name, once published, keeps its
 * meaning; facts may be added. None holds arguments of a call.
 *
 *   log.settings           {risks, first, help}                   the log's settings are not what a deployment should have
 *   processor.assigned     {instance, partitions}                 partitions were given to this process
 *   processor.lost         {partitions, why}                      partitions went to somebody else
 *   processor.failed       {code, why}                            this process cannot go on
 *   topic.altered          {code, why}                            inputs or ledger have other partitions than the layout
 *   group.failed           {code, why}                            the group does not count this process in; told again while it lasts
 *   group.mended           {instance}                             it does again
 *   partition.restored     {partition, entries, fromSnapshot, ms} a ledger was read; deciding begins
 *   partition.reclaimed    {partition, why}                       a claim was lost; the partition is claimed again
 *   partition.paused       {partition, why, digest | offset}      it waits for a bundle or an upgrade
 *   partition.failed       {partition, code, why}                 it is broken and tried again; the others go on
 *   policy.bundle.invalid  {digest, why}                          a published bundle cannot be used
 *   reply.undelivered      {topic, partition, records, untold, why} replies were given up; their clients ask again; told once
 *                                                                 a topic in 30 s, of 8 topics at most; `untold` were not
 *   projection.unpublished {topic, partition, records, why}       the partition is claimed again and sends them anew
 *   projection.unwritable  {partition, seq, type, why}           a dead letter stands for it; all else goes on
 *   snapshot.unwritten     {partition, why}                       the next restore reads more of the ledger
 *   usage.unreported       {policy, limit, measure, why}          a limit counts what outcomes do not say; told once a limit
 *
 * and what a client tells of its own:
 *
 *   listener.threw         {name, why}                            a listener of an event failed; the others were called
 *   answer.foreign         {id, about, verdict, partition, seq}   an answer to a call's address was about another; it was ignored
 *   intent.unsent          {id, why}                              the log did not take it; it is sent again, up to its deadline
 *   intent.unabandoned     {id, why}                              what it reserved comes back at its deadline only
 *   outcome.unreported     {id, tool, why}                        it settles at what was reserved, at its deadline
 *   usage.unreported       {id, tool, why}                        an outcome leaves out what limits count; told once a cause
 *   tools.running          {count, first, why}                    the client is closed while tools run
 *   tool.ended_late        {id, tool, status, ms}                 a tool ended after its deadline
 *   replies.lost           {why}                                  no answer can be read any more; everybody who waits is denied
 */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Telemetry {
	info(event: string, facts?: Facts): void;
	warn(event: string, facts?: Facts): void;
	error(event: string, facts?: Facts): void;
}

export const silentTelemetry: Telemetry = { info: () => {}, warn: () => {}, error: () => {} };

/*
 * Who may connect: ZeroMQ's authentication (RFC 27). Every well-formed CURVE key may, and is known by it from then on; what it gets is
 * decided by the room. Only CURVE passes.
 */
#ifndef INVIGIL_CONSOLE_SERVE_ZAP_H
#define INVIGIL_CONSOLE_SERVE_ZAP_H

struct zap;
/** Starts the answering thread on the context; before any bind. NULL if it cannot. */
struct zap *zap_new(void *context);
/** After the context was shut down. */
void zap_free(struct zap *zap);

#endif

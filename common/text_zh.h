/* The Chinese catalogue, used by tr() alone. */
#ifndef INVIGIL_COMMON_TEXT_ZH_H
#define INVIGIL_COMMON_TEXT_ZH_H

/** The Chinese for an English text, NULL if there is none. */
const char *text_zh(const char *english);

#endif

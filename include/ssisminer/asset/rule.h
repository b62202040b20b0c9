/*
 * The clauses of a rule, sql/<room>/<rule>.rule, of which several statements are made.
 * Columns of those statements that say which clauses hold come in this order.
 */
#ifndef SSISMINER_ASSET_RULE_H
#define SSISMINER_ASSET_RULE_H

typedef struct SqlClause {
    const char *name;  // of its column: "is_final"
    const char *words; // what it says of an operation: "its status is final"
    const char *text;  // the condition, in one line
} SqlClause;

enum { SQL_RULE_DOOMED_CLAUSES = 4 };
extern const SqlClause sql_rule_doomed[SQL_RULE_DOOMED_CLAUSES]; // sql/cleanup/doomed.rule

#endif

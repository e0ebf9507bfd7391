/** What real Linux nodes publish. These wait for minutes to be over, and begin before all others (vitest.config.ts). */
import './counts/bad-node.ts';
import './counts/every-answer.ts';

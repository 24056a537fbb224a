"""Turns what the benchmarks measured into benchmarks/RESULTS.md.

A benchmark's label carries its words, parted by bars: what, unit, per what, baseline. Its counters
carry the figures: cairn, bare, ratio, and the limit on the ratio (or, without a baseline, on the
figure itself).
"""
import os
import platform
import re
import subprocess

NODE_LIMIT = 2500  # ns per todo row
MEMORY_LIMIT = 1.25  # peak of 1,000,000 rows over that of 100,000

INTRODUCTION = """# Results

What `benchmarks/run` measured; it writes this file, nothing here is typed by hand. Each comparison
runs both sides in turns in one process and gives the medians, because the speed of a shared machine
wanders by a third: trust ratios, not times. Smaller ratios are better.
"""


def first_line(command):
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split('\n')[0]
    except (OSError, subprocess.CalledProcessError):
        return 'not there'


def match_in(path, pattern, default='unknown'):
    try:
        with open(path, encoding='utf-8') as file:
            found = re.search(pattern, file.read(), re.MULTILINE)
    except OSError:
        return default
    return found.group(1) if found else default


def machine(folder, context, load):
    compiler = match_in(folder / 'CMakeCache.txt', r'^CMAKE_CXX_COMPILER:\w+=(.*)$', 'c++')
    memory = int(match_in('/proc/meminfo', r'^MemTotal:\s+(\d+)', '0'))
    return {
        'processor': f'{match_in("/proc/cpuinfo", r"^model name.*: (.*)$")}, {os.cpu_count()} cores',
        'memory': f'{memory / 2**20:.0f} GiB',
        'system': f'{match_in("/etc/os-release", "^PRETTY_NAME=.(.*).$")}, {platform.machine()}',
        'load at the start': f'{load:.1f} (an idle machine has 0)',
        'compiler': first_line([compiler, '--version']),
        'build': match_in(folder / 'CMakeCache.txt', r'^CMAKE_BUILD_TYPE:\w+=(.*)$'),
        'Cairn': context.get('cairn', 'unknown'),
        'SQLite': context.get('sqlite', 'unknown'),
        'Node': first_line(['node', '--version']),
    }


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def median_of_runs(runs):
    """Of several processes that measured the same set in Node."""
    result = dict(runs[0])
    result['cold'] = median([run['cold'] for run in runs])
    result['warm'] = {path: median([run['warm'][path] for run in runs]) for path in runs[0]['warm']}
    return result


def figure(value, unit):
    digits = 0 if value >= 1000 else 1 if value >= 100 else 2
    return f'{value:,.{digits}f} {unit}'


def verdict(value, limit):
    return '' if limit == 0 else 'yes' if value <= limit else '**no**'


def table(head, rows):
    lines = ['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)]
    return '\n'.join(lines + ['| ' + ' | '.join(row) + ' |' for row in rows]) + '\n'


def words(run):
    what, unit, per, baseline = run['label'].split('|')
    return what, f'{unit}/{per}', baseline


def comparison_row(run):
    what, unit, baseline = words(run)
    limit = f'{run["limit"]:g}' if run['limit'] else ''
    return [what, figure(run['cairn'], unit), figure(run['bare'], unit), baseline, f'{run["ratio"]:.2f}', limit,
            verdict(run['ratio'], run['limit'])]


def comparisons(runs):
    head = ['what', 'Cairn', 'baseline', 'which is', 'ratio', 'limit', 'met']
    return table(head, [comparison_row(run) for run in runs if 'ratio' in run])


def figures(runs, prefix):
    rows = []
    for run in (run for run in runs if run['name'].startswith(prefix) and 'ratio' not in run):
        what, unit, _ = words(run)
        limit = run['limit']
        rows.append([what, figure(run['cairn'], unit), f'{limit:g}' if limit else '', verdict(run['cairn'], limit)])
    return table(['what', 'Cairn', 'limit', 'met'], rows)


def queries(runs):
    rows = []
    for run in (run for run in runs if 'json_plain' in run):
        what, unit, _ = words(run)
        limit = 0 if 'ratio' in run else run['limit']  # else it is among the comparisons
        indexed = figure(run['json_indexed'], unit) if 'json_indexed' in run else ''
        rows.append([what, figure(run['cairn'], unit), indexed, figure(run['json_plain'], unit),
                     f'{limit:g}' if limit else '', verdict(run['cairn'], limit)])
    return table(['what', 'Cairn', 'JSON, indexed', 'JSON, no index', 'limit', 'met'], rows)


def checkpoints(runs):
    rows = [[words(run)[0], figure(run['checkpoint_cairn'], 'ms'), figure(run['checkpoint_bare'], 'ms'),
             f'{run["journal_cairn"] / 2**20:.1f} MiB', f'{run["journal_bare"] / 2**20:.1f} MiB']
            for run in runs if 'checkpoint_cairn' in run]
    return table(['after', 'checkpoint, Cairn', 'checkpoint, bare', 'journal, Cairn', 'journal, bare'], rows)


def files(runs):
    rows = [[run['name'].split('/')[1], f'{run["file_bytes"] / 2**20:.1f} MiB',
             figure(run['file_bytes_per_row'], 'bytes/row'), figure(run['cairn'], 'bytes/row'),
             figure(run['bare'], 'bytes/row')] for run in runs if 'file_bytes' in run]
    return table(['set', 'file', 'file', 'stored value', 'compact JSON'], rows)


def memory(scans):
    rows = [[f'{scan["rows"]:,}', f'{scan["before_kb"] / 1024:.1f} MiB', f'{scan["after_kb"] / 1024:.1f} MiB',
             f'{scan["largest_batch"] / 2**20:.2f} MiB'] for scan in scans]
    text = table(['rows', 'peak before', 'peak after the scan', 'largest batch'], rows)
    ratio = scans[-1]['after_kb'] / scans[-2]['after_kb']
    return text + (f'\n{scans[-1]["rows"]:,} rows over {scans[-2]["rows"]:,}: {ratio:.2f}, limit {MEMORY_LIMIT:g}, '
                   f'met: {verdict(ratio, MEMORY_LIMIT)}.\n')


def node(sets):
    rows = []
    for one in sets:
        limit = NODE_LIMIT if one['name'] == 'todo' else 0
        warm = one['warm']
        for what, value, bound in [
                ('columns, generated code, cold', one['cold'], 0),
                ('columns, generated code, warm', warm['columns'], limit),
                ('the same with keys apart', warm['columns_and_keys'], 0),
                ('columns, closures', warm['closures'], 0),
                ('JSON.parse of one text (dates stay texts)', warm['json'], 0),
                ('JSON.parse, then dates', warm['json_and_dates'], 0)]:
            rows.append([one['name'], what, figure(value, 'ns/row'), f'{bound:,}' if bound else '',
                         verdict(value, bound)])
    return table(['set', 'way', 'time', 'limit', 'met'], rows)


def render(results, machine_facts, skipped):
    runs = [run for run in results['suites']['benchmarks'] if not run.get('error_occurred')]
    parts = [INTRODUCTION, table(['', ''], [[key, value] for key, value in machine_facts.items()])]
    sections = [
        ('Side by side', comparisons(runs)),
        ('Deltas', 'Each is read from its cursor to the end. The number of rows must not matter.\n\n' + figures(runs, 'delta/')),
        ('Coordination', 'Several processes with one file; mutations of a local-only collection, 32 at a time per '
         'process where they are counted.\n\n' + figures(runs, 'coordination/')),
        ('Queries', 'Beside what one would pick instead: JSON texts in SQLite, with json_extract in the query, and with '
         'indexes over json_extract or without. How pages grow with the rows is above.\n\n' + queries(runs)),
        ('Checkpoints', 'Not part of the times above; the journal as the transaction left it.\n\n' + checkpoints(runs)),
        ('Bytes', 'Compact JSON has dates as ISO text.\n\n' + files(runs)),
    ]
    if results['memory']:
        sections.append(('Memory of a scan', 'The highest resident memory of a fresh process (VmHWM) that reads all '
                         'rows in batches of the default size.\n\n' + memory(results['memory'])))
    if results['node']:
        sections.append(('Row batches into JavaScript objects', 'Utf16 batches as a binding would get them, into plain '
                         'objects; a todo row has two Dates. Medians over fresh processes.\n\n' + node(results['node'])))
    if skipped:
        sections.append(('Skipped', '\n'.join(f'- {line}' for line in skipped) + '\n'))
    return '\n'.join(parts + [f'## {title}\n\n{body}' for title, body in sections])

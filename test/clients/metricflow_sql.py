# What MetricFlow is told: checks that the YAML read is of the documented form and complete, and
# prints a line for each metric: its name, and in SQL how MetricFlow computes it from the relation
# of the semantic model. MetricFlow itself is not run.
import re, sys, yaml

NAME = re.compile(r'^(?!.*__)[a-z][a-z0-9_]*[a-z0-9]$')
AGGREGATES = {'sum': 'sum(%s)', 'count_distinct': 'count(DISTINCT %s)'}


def only(where, given, required, allowed=()):
    odd = set(given) - set(required) - set(allowed) | set(required) - set(given)
    assert not odd, '%s: %s' % (where, ', '.join(sorted(odd)))
    if 'name' in given:
        assert NAME.match(given['name']), '%s: %s' % (where, given['name'])


document = yaml.safe_load(sys.stdin)
only('document', document, ('semantic_models', 'metrics'))
measures = {}
for model in document['semantic_models']:
    only('semantic model', model,
         ('name', 'model', 'defaults', 'primary_entity', 'dimensions', 'measures'),
         ('description',))
    assert re.match(r"^ref\('\w+'\)$", model['model']), model['model']
    times = [dimension['name'] for dimension in model['dimensions'] if dimension['type'] == 'time']
    assert model['defaults'] == {'agg_time_dimension': times[0]}, 'time of measures'
    for dimension in model['dimensions']:
        if dimension['type'] == 'time':
            only('dimension', dimension, ('name', 'type', 'label', 'type_params'))
            assert dimension['type_params'] == {'time_granularity': 'day'}, dimension['name']
        else:
            only('dimension', dimension, ('name', 'type', 'label'))
            assert dimension['type'] == 'categorical', dimension['name']
    for measure in model['measures']:
        only('measure', measure, ('name', 'agg'), ('description',))
        assert measure['name'] not in measures, measure['name']
        measures[measure['name']] = AGGREGATES[measure['agg']] % measure['name']

metrics = {metric['name']: metric for metric in document['metrics']}
assert len(metrics) == len(document['metrics']), 'a metric twice'
assert len({metric['label'] for metric in document['metrics']}) == len(metrics), 'a label twice'


def sql(name):
    metric = metrics[name]
    params = metric['type_params']
    only('metric', metric, ('name', 'label', 'description', 'type', 'type_params'), ('config',))
    if metric['type'] == 'simple':
        only(name, params, ('measure',))
        measure = params['measure']
        if not isinstance(measure, dict):
            measure = {'name': measure}
        only(name, measure, ('name',), ('fill_nulls_with',))
        default = measure.get('fill_nulls_with', 'NULL')
        return 'coalesce(%s, %s)' % (measures[measure['name']], default)
    if metric['type'] == 'ratio':
        only(name, params, ('numerator', 'denominator'))
        return ('CAST(%s AS DOUBLE PRECISION) / CAST(NULLIF(%s, 0) AS DOUBLE PRECISION)'
                % (sql(params['numerator']['name']), sql(params['denominator']['name'])))
    assert metric['type'] == 'derived', metric['type']
    only(name, params, ('expr', 'metrics'))
    inputs = {given['name'] for given in params['metrics']}
    read = set(re.findall(r'[a-z]\w*(?!\w|\()', params['expr'])) - {'numeric', 'pg_catalog'}
    odd = '%s: %s' % (name, sorted(read ^ inputs))
    assert read - inputs <= {'CASE', 'WHEN', 'THEN', 'END'} and inputs <= read, odd
    names = r'\b(%s)\b' % '|'.join(inputs)
    return re.sub(names, lambda found: '(%s)' % sql(found.group()), params['expr'])


for name in metrics:
    print(name, sql(name), sep='\t')

"""Values between this kernel and Kadali, over comms. Runs once, in a namespace of its own, so that the reader's stays as it is."""
import array, datetime, decimal, enum, importlib.util, itertools, json, math, sys, types, uuid

from IPython import get_ipython

HIDDEN = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)
EPOCH = datetime.datetime(1970, 1, 1)
UTC = datetime.timezone.utc
MICROSECOND = datetime.timedelta(microseconds=1)


def has(module):
    return module in sys.modules or importlib.util.find_spec(module) is not None


def is_of(value, module, *names):
    """Whether the value is of a class of a library, which is not imported for the question."""
    return any(c.__module__.split('.')[0] == module and c.__name__ in names for c in type(value).__mro__)


def put(buffers, data):
    buffers.append(bytes(data))
    return len(buffers) - 1


# ── from Python ──

def encode(value, buffers):
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return value if -2**63 <= value < 2**63 else {'$': 'int', 'v': str(value)}
    if kind is float:
        return value if math.isfinite(value) else {'$': 'float', 'v': str(value)}
    if isinstance(value, enum.Enum):
        return encode(value.value, buffers)
    if kind.__module__ == 'numpy' and hasattr(value, 'item') and getattr(value, 'ndim', 0) == 0:
        return encode(value.astype('datetime64[us]').item() if value.dtype.kind == 'M' else value.item(), buffers)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {'$': 'bytes', 'b': put(buffers, value)}
    if isinstance(value, datetime.datetime):
        return {'$': 'datetime' if value.tzinfo is None else 'instant', 'v': value.isoformat()}
    for name, one in (('date', datetime.date), ('time', datetime.time), ('decimal', decimal.Decimal), ('uuid', uuid.UUID)):
        if isinstance(value, one):
            return {'$': name, 'v': value.isoformat() if hasattr(value, 'isoformat') else str(value)}
    if isinstance(value, datetime.timedelta):
        return {'$': 'span', 'v': value // MICROSECOND}
    if isinstance(value, complex):
        return {'$': 'complex', 'v': [encode(value.real, buffers), encode(value.imag, buffers)]}
    table = encode_table(value, buffers)
    if table is not None:
        return table
    if is_of(value, 'pandas', 'Series', 'Index'):
        return encode(value.to_numpy(), buffers)
    if is_of(value, 'numpy', 'ndarray'):
        return encode_array(value, buffers)
    if hasattr(value, '_asdict'):
        value = value._asdict()
    elif hasattr(value, '__dataclass_fields__'):
        value = {name: getattr(value, name) for name in value.__dataclass_fields__}
    elif hasattr(value, 'model_dump'):
        value = value.model_dump()
    if isinstance(value, dict):
        if all(type(key) is str and key != '$' for key in value):
            return {key: encode(item, buffers) for key, item in value.items()}
        return {'$': 'map', 'v': [[encode(key, buffers), encode(item, buffers)] for key, item in value.items()]}
    if isinstance(value, (int, float, str)):
        return encode(kind.__mro__[-2](value), buffers)
    if isinstance(value, (list, tuple, set, frozenset, range)) or kind.__name__ in ('deque', 'dict_keys', 'dict_values', 'dict_items'):
        return [encode(item, buffers) for item in value]
    raise TypeError(f"a value of type {kind.__module__}.{kind.__qualname__} has no form in another language; "
                    "numbers, text, dates, lists, dictionaries, arrays and tables have")


def encode_array(value, buffers):
    if value.dtype.kind in 'iuf' and value.dtype.itemsize in (1, 2, 4, 8) or value.dtype.kind == 'b':
        data = value.astype(value.dtype.newbyteorder('<'), order='C', copy=False)
        name = 'b1' if value.dtype.kind == 'b' else value.dtype.kind + str(value.dtype.itemsize)
        if name != 'f2':
            return {'$': 'array', 'type': name, 'shape': list(value.shape), 'b': put(buffers, data.tobytes())}
    if value.dtype.kind == 'M':
        value = value.astype('datetime64[us]')
    return encode(value.tolist(), buffers)


def encode_table(value, buffers):
    if is_of(value, 'polars', 'LazyFrame'):
        value = value.collect()
    if is_of(value, 'polars', 'DataFrame'):
        import io
        stream = io.BytesIO()
        value.write_ipc_stream(stream)
        return {'$': 'arrow', 'b': put(buffers, stream.getvalue())}
    if is_of(value, 'pyarrow', 'Table', 'RecordBatch'):
        return encode_arrow(value, buffers)
    if is_of(value, 'pandas', 'DataFrame'):
        import pandas
        if not (isinstance(value.index, pandas.RangeIndex) and value.index.name is None):
            value = value.reset_index()
        value = value.set_axis(unique(' '.join(map(str, name)) if isinstance(name, tuple) else str(name) for name in value.columns), axis=1)
        if has('pyarrow'):
            import pyarrow
            try:
                return encode_arrow(pyarrow.Table.from_pandas(value, preserve_index=False).replace_schema_metadata(None), buffers)
            except pyarrow.ArrowInvalid:
                pass  # A column of mixed values: it goes as JSON.
        columns = [dict(encode_column(value.iloc[:, i], buffers), name=name) for i, name in enumerate(value.columns)]
        return {'$': 'table', 'rows': len(value), 'columns': columns}
    return None


def encode_arrow(table, buffers):
    import pyarrow
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    return {'$': 'arrow', 'b': put(buffers, sink.getvalue())}


def unique(names):
    taken = set()
    for name in names:
        candidate = next(c for c in itertools.chain([name], (f'{name}_{i}' for i in itertools.count(2))) if c not in taken)
        taken.add(candidate)
        yield candidate


def encode_column(series, buffers):
    import numpy, pandas
    missing = series.isna().to_numpy()
    mask = put(buffers, missing.tobytes()) if missing.any() else None
    dtype = getattr(series.dtype, 'numpy_dtype', series.dtype)
    kind = getattr(dtype, 'kind', 'O')
    if isinstance(series.dtype, pandas.CategoricalDtype):
        series, kind = series.astype(object), 'O'
    if kind in 'iufb' and isinstance(dtype, numpy.dtype) and not (kind == 'f' and dtype.itemsize not in (4, 8)):
        data = (series.fillna(0) if mask is not None else series).to_numpy(dtype=dtype.newbyteorder('<'))
        return {'type': 'b1' if kind == 'b' else f'{kind}{dtype.itemsize}', 'b': put(buffers, data.tobytes()), 'mask': mask}
    if kind == 'M':
        zone = getattr(series.dtype, 'tz', None)
        plain = series.dt.tz_convert('UTC').dt.tz_localize(None) if zone is not None else series
        data = plain.to_numpy().astype('datetime64[us]').astype('<i8')
        return {'type': 'timestamp' if zone is None else 'instant', 'b': put(buffers, data.tobytes()), 'mask': mask}
    if kind == 'm':
        return {'type': 'span', 'b': put(buffers, series.to_numpy().astype('timedelta64[us]').astype('<i8').tobytes()), 'mask': mask}
    return dict(encode_objects([None if gone else item for gone, item in zip(missing, series)], buffers), mask=mask)


def encode_objects(values, buffers):
    kinds = {type(value) for value in values if value is not None}
    only = kinds.pop() if len(kinds) == 1 else None
    if only is str or not kinds and only is None:
        return dict(encode_bytes([(value or '').encode('utf-8', 'replace') for value in values], buffers), type='str')
    if only is bytes:
        return dict(encode_bytes([value or b'' for value in values], buffers), type='bytes')
    if only is bool:
        return {'type': 'b1', 'b': put(buffers, bytes(bool(value) for value in values))}
    if only is int and all(value is None or -2**63 <= value < 2**63 for value in values):
        return {'type': 'i8', 'b': put(buffers, little('q', (value or 0 for value in values)))}
    if only is float:
        return {'type': 'f8', 'b': put(buffers, little('d', (value or 0.0 for value in values)))}
    if only is datetime.date:
        days = ((value or EPOCH.date()).toordinal() - EPOCH.toordinal() for value in values)
        return {'type': 'date', 'b': put(buffers, little('i', days))}
    if only is datetime.datetime and all(value is None or value.tzinfo is None for value in values):
        return {'type': 'timestamp', 'b': put(buffers, little('q', (((value or EPOCH) - EPOCH) // MICROSECOND for value in values)))}
    if only is decimal.Decimal:
        return dict(encode_bytes([b'' if value is None else str(value).encode() for value in values], buffers), type='decimal')
    texts = [b'null' if value is None else json.dumps(value, default=str).encode() for value in values]
    return dict(encode_bytes(texts, buffers), type='json')


def encode_bytes(values, buffers):
    ends = little('q', itertools.chain([0], itertools.accumulate(map(len, values))))
    return {'offsets': put(buffers, ends), 'b': put(buffers, b''.join(values))}


def little(code, values):
    data = array.array(code, values)
    if sys.byteorder == 'big':
        data.byteswap()
    return data.tobytes()


# ── to Python ──

def decode(value, buffers):
    if isinstance(value, list):
        return [decode(item, buffers) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get('$')
    if kind is None:
        return {key: decode(item, buffers) for key, item in value.items()}
    if kind == 'table':
        return decode_table(value, buffers)
    if kind == 'arrow':
        import pyarrow
        table = pyarrow.ipc.open_stream(buffers[value['b']]).read_all()
        return table.to_pandas() if has('pandas') else table.to_pylist()
    if kind == 'bytes':
        return bytes(buffers[value['b']])
    if kind == 'array':
        return decode_array(value, buffers)
    if kind == 'map':
        return {decode(key, buffers): decode(item, buffers) for key, item in value['v']}
    if kind == 'span':
        return value['v'] * MICROSECOND
    if kind == 'complex':
        return complex(*(decode(part, buffers) for part in value['v']))
    make = {'int': int, 'float': float, 'decimal': decimal.Decimal, 'uuid': uuid.UUID, 'datetime': datetime.datetime.fromisoformat,
            'instant': datetime.datetime.fromisoformat, 'date': datetime.date.fromisoformat, 'time': datetime.time.fromisoformat}
    return make[kind](value['v'])


CODES = {'i1': 'b', 'i2': 'h', 'i4': 'i', 'i8': 'q', 'u1': 'B', 'u2': 'H', 'u4': 'I', 'u8': 'Q', 'f4': 'f', 'f8': 'd', 'b1': '?'}


def decode_array(value, buffers):
    data = buffers[value['b']]
    if has('numpy'):
        import numpy
        return numpy.frombuffer(data, dtype='?' if value['type'] == 'b1' else '<' + value['type']).reshape(value['shape']).copy()
    return memoryview(bytes(data)).cast(CODES[value['type']]).tolist()


def decode_table(value, buffers):
    names = [column['name'] for column in value['columns']]
    if not has('pandas'):
        columns = [decode_column(column, buffers) for column in value['columns']]
        return [dict(zip(names, row)) for row in zip(*columns)] if columns else [{} for _ in range(value['rows'])]
    import pandas
    columns = {i: pandas_column(column, buffers) for i, column in enumerate(value['columns'])}
    frame = pandas.DataFrame(columns, index=pandas.RangeIndex(value['rows']))
    frame.columns = names
    return frame


def pandas_column(column, buffers):
    import numpy, pandas
    kind, mask = column['type'], column.get('mask')
    gone = numpy.frombuffer(buffers[mask], dtype='?') if mask is not None else None
    if kind in CODES:
        data = numpy.frombuffer(buffers[column['b']], dtype='?' if kind == 'b1' else '<' + kind)
        if gone is None:
            return data.copy()
        if kind[0] == 'f':
            return numpy.where(gone, numpy.array(numpy.nan, data.dtype), data)
        made = pandas.arrays.BooleanArray if kind == 'b1' else pandas.arrays.IntegerArray
        return made(data.copy(), gone.copy())
    if kind in ('timestamp', 'instant'):
        data = numpy.frombuffer(buffers[column['b']], dtype='<i8').astype('datetime64[us]')
        if gone is not None:
            data[gone] = numpy.datetime64('NaT')
        try:
            series = pandas.Series(data)
        except ValueError:
            return pandas.Series(decode_column(column, buffers), dtype=object)
        return series.dt.tz_localize('UTC') if kind == 'instant' else series
    if kind == 'span':
        data = numpy.frombuffer(buffers[column['b']], dtype='<i8').astype('timedelta64[us]')
        if gone is not None:
            data[gone] = numpy.timedelta64('NaT')
        return pandas.Series(data)
    return pandas.Series(decode_column(column, buffers), dtype=object)


def decode_column(column, buffers):
    kind, data = column['type'], bytes(buffers[column['b']])
    if kind in CODES:
        values = memoryview(data).cast(CODES[kind]).tolist()
    elif kind in ('timestamp', 'instant', 'span'):
        spans = (item * MICROSECOND for item in memoryview(data).cast('q'))
        values = list(spans if kind == 'span' else (EPOCH + s for s in spans) if kind == 'timestamp'
                      else ((EPOCH + s).replace(tzinfo=UTC) for s in spans))
    elif kind == 'date':
        values = [datetime.date.fromordinal(EPOCH.toordinal() + item) for item in memoryview(data).cast('i')]
    else:
        ends = memoryview(bytes(buffers[column['offsets']])).cast('q').tolist()
        make = {'str': lambda b: b.decode(), 'bytes': bytes, 'json': lambda b: decode(json.loads(b), buffers) if b else None,
                'decimal': lambda b: decimal.Decimal(b.decode()) if b else None,
                'uuid': lambda b: uuid.UUID(b.decode()) if b else None}[kind]
        values = [make(data[start:end]) for start, end in zip(ends, ends[1:])]
    mask = column.get('mask')
    return values if mask is None else [None if gone else item for gone, item in zip(buffers[mask], values)]


# ── the comm ──

def listed(shell):
    nothing = object()
    for name, value in list(shell.user_ns.items()):
        if not name.startswith('_') and shell.user_ns_hidden.get(name, nothing) is not value and not isinstance(value, HIDDEN):
            yield name, value


def summary(value):
    shape = getattr(value, 'shape', None)
    if isinstance(shape, tuple) and shape:
        return ' x '.join(map(str, shape))
    if isinstance(value, (str, bytes, list, tuple, dict, set)) and len(value) > 50:
        return f'{len(value)} items' if not isinstance(value, str) else repr(value[:50]) + '...'
    if type(value).__module__ in ('builtins', 'datetime', 'decimal', 'uuid'):
        text = repr(value)
        return text if len(text) <= 80 else text[:80] + '...'
    return None


def answer(data, buffers):
    shell, out = get_ipython(), []
    if data['op'] == 'hello':
        return {'pyarrow': has('pyarrow'), 'pandas': has('pandas')}, out
    if data['op'] == 'list':
        return {'values': [[name, type(value).__qualname__, summary(value)] for name, value in listed(shell)]}, out
    if data['op'] == 'get':
        if data['name'] not in shell.user_ns:
            return {'missing': True, 'names': [name for name, _ in listed(shell)]}, out
        return {'value': encode(shell.user_ns[data['name']], out)}, out
    shell.user_ns[data['name']] = decode(data['value'], buffers)
    return {}, out


def opened(comm, message):
    try:
        reply, buffers = answer(message['content']['data'], message.get('buffers') or [])
    except Exception as problem:
        reply, buffers = {'error': f'{type(problem).__name__}: {problem}' if not isinstance(problem, TypeError) else str(problem)}, []
    comm.send(reply, buffers=buffers)
    comm.close()


get_ipython().kernel.comm_manager.register_target('kadali.values', opened)

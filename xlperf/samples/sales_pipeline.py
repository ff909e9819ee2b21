from xlperf.samples.records import Records
def records(period)->Records: return {}
